#pragma once

#include "net/engineio/request.hpp"
#include "net/transport/limit_counts.hpp"
#include "net/transport/options.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace observer::transport {

/// Decides, for all loops together, who may come in. Any thread. Passes and
/// visitors keep it: what is under way on a loop can outlive the server.
///
/// Addresses are counted by `network_of`. As places get short, each may have
/// the fewer: whoever has more than its share of those that are free
/// (`options::address_share`) gets no further one, while all others do. So one
/// address alone gets half of all, two get two thirds together, and there is
/// always something left for the next.
class door : public std::enable_shared_from_this<door> {
public:
  class pass;
  class visitor;

  /// @param limits must be there as long as anybody is admitted, as must `met`.
  door(const options& limits, limit_counts& met);

  /// Somebody has connected. Nothing if the address has too many connections:
  /// close it, before it says anything.
  [[nodiscard]] std::optional<pass> accept(std::string_view address);

  /// TCP connections of an address.
  [[nodiscard]] std::size_t connections(std::string_view address) const;

  /// Connections of an address that have not entered a namespace.
  [[nodiscard]] std::size_t unconnected(std::string_view address) const;

  /// Engine.IO sessions, of all addresses.
  [[nodiscard]] std::size_t sessions() const;

private:
  /// What one address has.
  struct counts {
    std::size_t connections = 0;
    std::size_t unconnected = 0;
    std::size_t sessions = 0;
    /// Bytes that cannot be made use of before others come.
    std::atomic<std::size_t> unfinished{0};
  };

  using entry = std::pair<const std::string, counts>;
  using count = std::size_t counts::*;

  /// One of what an address has, until it goes.
  class claim {
  public:
    claim() = default;
    claim(std::shared_ptr<door> at, entry& whose, count what) noexcept
      : door_(std::move(at)),
        whose_(&whose),
        what_(what) {
    }

    claim(claim&& other) noexcept = default;
    claim& operator=(claim&& other) noexcept {
      std::swap(door_, other.door_);
      std::swap(whose_, other.whose_);
      std::swap(what_, other.what_);
      return *this;
    }

    ~claim() {
      if (door_)
        door_->give_back(*whose_, what_);
    }

    explicit operator bool() const noexcept {
      return door_ != nullptr;
    }

    [[nodiscard]] const std::shared_ptr<door>& at() const noexcept {
      return door_;
    }

    [[nodiscard]] entry& whose() const noexcept {
      return *whose_;
    }

  private:
    std::shared_ptr<door> door_;
    entry* whose_ = nullptr;
    count what_ = nullptr;
  };

  /// Bytes of an address that cannot be made use of before others come. Whoever
  /// has one has a claim on the same address for at least as long.
  class holding {
  public:
    holding() = default;
    holding(holding&& other) noexcept
      : whose_(other.whose_),
        bytes_(std::exchange(other.bytes_, 0)) {
    }

    holding& operator=(holding&& other) noexcept {
      std::swap(whose_, other.whose_);
      std::swap(bytes_, other.bytes_);
      return *this;
    }

    /// May come when the server, and its limits, are gone.
    ~holding() {
      if (bytes_ > 0)
        whose_->second.unfinished -= bytes_;
    }

    /// @returns false if the address holds too many
    [[nodiscard]] bool set(const claim& of, std::size_t bytes);

  private:
    entry* whose_ = nullptr;
    std::size_t bytes_ = 0;
  };

  [[nodiscard]] std::size_t count_of(std::string_view address,
                                     count what) const;
  [[nodiscard]] claim take(entry& whose, count what);
  void give_back(entry& whose, count what);
  [[nodiscard]] bool has_share(std::size_t held, std::size_t taken,
                               std::size_t places) const;

  const options& limits_;
  limit_counts& met_;
  mutable std::mutex mutex_;
  counts all_; ///< together
  std::unordered_map<std::string, counts> by_network_;
};

/// One TCP connection, counted for its address as long as this is kept with
/// its socket. What belongs to it is used on its loop only.
class door::pass {
public:
  /// Of nobody.
  pass() = default;

  /// Whoever came with the connection wants to come in.
  [[nodiscard]] visitor arrive() const;

  /// The connection holds so many bytes that cannot be made use of before
  /// others come.
  /// @returns false if its address holds too many
  [[nodiscard]] bool hold(std::size_t bytes) {
    return unfinished_.set(connection_, bytes);
  }

private:
  friend class door;

  explicit pass(claim connection) : connection_(std::move(connection)) {
  }

  claim connection_;
  holding unfinished_; ///< let go before the claim
};

/// One client on its way in. What it is counted for is given back with it.
///
/// ~~~
///   arrived ──admit──▶ has a session ──enter──▶ in a namespace
/// ~~~
class door::visitor {
public:
  /// Nobody.
  visitor() = default;

  /// Whether there is somebody.
  explicit operator bool() const noexcept {
    return unconnected_ || session_;
  }

  /// Takes a place for a session, or says why there is none.
  /// @param descriptor of the connection. The kernel gives the lowest that is
  ///        free, so a high one says that those below it are taken.
  [[nodiscard]] std::optional<engineio::refusal> admit(int descriptor);

  /// A namespace was entered: counts no longer as unconnected.
  void enter();

  /// As that of a pass, for what is more than a message.
  [[nodiscard]] bool hold(std::size_t bytes) {
    return !session_ || unfinished_.set(session_, bytes);
  }

private:
  friend class door::pass;

  explicit visitor(claim unconnected) : unconnected_(std::move(unconnected)) {
  }

  claim unconnected_;
  claim session_;
  holding unfinished_; ///< let go before the claims
};

} // namespace observer::transport
