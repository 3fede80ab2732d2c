#pragma once

#include "tools/loadgen/connection.hpp"
#include "tools/loadgen/recorder.hpp"

#include <deque>
#include <functional>
#include <string>
#include <vector>

namespace observer::loadgen {

/// Connections of one thread that come in, a few at a time, and enter rooms.
/// They stand room by room; the first of a room makes it, the others join.
class crowd {
public:
  struct plan {
    std::size_t connections = 0;
    std::size_t per_room = 0; ///< 0: nobody enters a room
    std::size_t concurrency = 1;
    std::size_t first_index = 0; ///< `connection::index` of the first
  };

  /// The id of the acks of `host` and `join`; requests of scenarios use others.
  static constexpr std::uint64_t enter_ack = 0;

  /// @param on_in called for each that is in (and in its room), with the
  ///        nanoseconds that this took.
  crowd(client_loop& loop, connection_events& events, recorder& records,
        const plan& what,
        std::function<void(connection&, time_point, std::uint64_t)> on_in);

  /// Lets them come; `on_closed` of the events tells of those that cannot.
  void start();

  /// Lets no more come than are on their way.
  void halt() noexcept {
    opened_ = members_.size();
  }

  // -- for the owner's connection_events --------------------------------------

  void on_ready(connection& who, time_point now);

  /// The ack `enter_ack`. False if the server refuses.
  [[nodiscard]] bool on_entered(connection& who, const heard_ack& ack,
                                std::string_view packet, time_point now);

  /// One that was on its way will not arrive.
  void on_failed(connection& who);

  // -- properties -------------------------------------------------------------

  [[nodiscard]] std::deque<connection>& members() noexcept {
    return members_;
  }

  /// How many are in.
  [[nodiscard]] std::size_t arrived() const noexcept {
    return arrived_;
  }

  /// All are in, or have failed.
  [[nodiscard]] bool is_complete() const noexcept {
    return arrived_ + failed_ == members_.size();
  }

  [[nodiscard]] bool contains(const connection& who) const noexcept {
    return who.index() >= plan_.first_index
           && who.index() < plan_.first_index + members_.size();
  }

  [[nodiscard]] bool has_arrived(const connection& who) const {
    return stages_[place_of(who)].arrived;
  }

  /// Position in this crowd.
  [[nodiscard]] std::size_t place_of(const connection& who) const noexcept {
    return who.index() - plan_.first_index;
  }

  [[nodiscard]] std::size_t rooms() const noexcept {
    return rooms_.size();
  }

  [[nodiscard]] connection& host_of(std::size_t room) {
    return members_[room * plan_.per_room];
  }

  /// The server's id of a room; 0 as long as there is none.
  [[nodiscard]] std::int64_t room_id(std::size_t room) const {
    return rooms_[room].id;
  }

private:
  struct stage {
    std::uint64_t connect_time = 0;
    time_point asked_at; ///< when `host` or `join` went out
    bool arrived = false;
    bool failed = false;
  };

  struct room {
    std::int64_t id = 0;
    bool failed = false;
    std::vector<connection*> waiting; ///< connected before there was a room
  };

  void open_next();
  void host(connection& who);
  void join(connection& who);
  void arrive(connection& who, time_point now, std::uint64_t took);

  recorder& records_;
  plan plan_;
  std::function<void(connection&, time_point, std::uint64_t)> on_in_;
  std::deque<connection> members_;
  std::vector<stage> stages_;
  std::vector<room> rooms_;
  std::size_t opened_ = 0;
  std::size_t arrived_ = 0;
  std::size_t failed_ = 0;
};

} // namespace observer::loadgen
