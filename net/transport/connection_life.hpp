#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace observer::transport {

/// What a message from a client was: the digits of its Engine.IO and Socket.IO
/// type as they stand in front of a text, e.g. 42, or one of these.
enum class note_type : std::uint8_t {
  binary = 100,
  post,    ///< a polling request, whatever is in it
  unknown, ///< no packet
};

/// As people read it: `42`, `b`, `post`, `?`.
[[nodiscard]] std::string to_string(note_type x);

/// Something that came from a client: never what it said, only how much. There
/// are many, so that it is small.
struct incoming_note {
  std::uint32_t at_ms = 0; ///< since the connection was opened
  std::uint32_t bytes = 0;
  note_type type{};
};

/// What a connection went through, for whoever asks why it ended.
struct connection_life {
  std::string_view transport; ///< static: `polling` or `websocket`
  int protocol = 4;           ///< of Engine.IO
  std::chrono::milliseconds age{};
  std::chrono::milliseconds silent{}; ///< since anything came from the client
  /// From the opening to the upgrade, if there was one.
  std::optional<std::chrono::milliseconds> upgraded;
  std::uint64_t received = 0; ///< bytes
  std::uint64_t sent = 0;
  std::uint64_t messages = 0;      ///< that came, heartbeats included
  std::size_t queued = 0;          ///< bytes that were not read yet
  std::size_t queued_most = 0;     ///< at any time
  std::vector<incoming_note> last; ///< without heartbeats, oldest first
  std::string detail;              ///< what the application said at its close
};

/// The last that came from a client, in a ring that grows with use.
class incoming_notes {
public:
  static constexpr std::size_t limit = 50;

  void add(const incoming_note& x) {
    if (notes_.size() == limit / 2)
      notes_.reserve(limit); // and no more
    if (notes_.size() < limit)
      notes_.push_back(x);
    else
      notes_[next_++ % limit] = x;
  }

  /// Oldest first.
  [[nodiscard]] std::vector<incoming_note> all() const {
    std::vector<incoming_note> result;
    for (std::size_t i = 0; i < notes_.size(); ++i)
      result.push_back(notes_[(next_ + i) % notes_.size()]);
    return result;
  }

private:
  std::vector<incoming_note> notes_;
  std::size_t next_ = 0; ///< once full: the oldest is here, modulo `limit`
};

/// Writes down what a connection goes through. Heartbeats are counted, and not
/// kept: a quiet connection costs nothing.
class life_recorder {
public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit life_recorder(time_point opened) : opened_(opened), heard_(opened) {
  }

  void came(note_type type, std::size_t bytes, time_point at);

  void upgraded(time_point at);

  /// So much waits to be read.
  void waiting(std::size_t bytes) noexcept {
    if (bytes > queued_most_)
      queued_most_ = bytes;
  }

  /// Why the application closes it.
  void closing(std::string_view detail) {
    detail_ = detail;
  }

  /// All but `transport`, `protocol`, `received`, `sent` and `queued`.
  [[nodiscard]] connection_life until(time_point now) const;

private:
  std::size_t queued_most_ = 0;
  std::uint64_t messages_ = 0;
  time_point opened_;
  time_point heard_;
  std::optional<std::chrono::milliseconds> upgraded_;
  incoming_notes notes_;
  std::string detail_;
};

/// How a message on a WebSocket is noted.
[[nodiscard]] note_type type_of(std::string_view message, bool binary);

} // namespace observer::transport
