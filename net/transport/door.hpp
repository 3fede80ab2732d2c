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
#include <unordered_map>

namespace observer::transport {

/// Decides, for all loops together, who may come in. Any thread. Visitors keep
/// it: what is under way on a loop can outlive the server.
class door : public std::enable_shared_from_this<door> {
public:
  class visitor;

  /// @param limits must be there as long as anybody is admitted, as must `met`.
  door(const options& limits, limit_counts& met);

  /// Somebody has connected.
  [[nodiscard]] visitor arrive(std::string address);

  /// Connections of an address that have not entered a namespace.
  [[nodiscard]] std::size_t unconnected(const std::string& address) const;

  [[nodiscard]] std::size_t sessions() const noexcept {
    return sessions_;
  }

private:
  void forget(const std::string& address);

  const options& limits_;
  limit_counts& met_;
  std::atomic<std::size_t> sessions_{0};
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::size_t> unconnected_; ///< by address
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

  visitor(visitor&& other) noexcept;
  visitor& operator=(visitor&& other) noexcept;
  ~visitor();

  /// Whether there is somebody.
  explicit operator bool() const noexcept {
    return door_ != nullptr;
  }

  /// Takes a place for a session, or says why there is none.
  /// @param descriptor of the connection. The kernel gives the lowest that is
  ///        free, so a high one says that those below it are taken.
  [[nodiscard]] std::optional<engineio::refusal> admit(int descriptor);

  /// A namespace was entered: counts no longer as unconnected.
  void enter();

private:
  friend class door;

  visitor(std::shared_ptr<door> at, std::string address);

  std::shared_ptr<door> door_;
  std::string address_;
  bool unconnected_ = false;
  bool has_session_ = false;
};

} // namespace observer::transport
