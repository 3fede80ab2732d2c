#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// The client's side of RFC 6455, without I/O, as lean as measuring needs it:
/// whole frames are read where they lie, nothing is negotiated.
namespace observer::loadgen {

enum class opcode : std::uint8_t {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10,
};

/// The request that opens a connection.
/// @param host as in the URL, with the port.
[[nodiscard]] std::string upgrade_request(std::string_view host,
                                          std::string_view target);

/// Whether the head of an answer, up to and including the empty line, accepts
/// that request.
[[nodiscard]] bool accepts_upgrade(std::string_view head);

/// Appends one masked frame.
void append_client_frame(std::string& out, opcode kind,
                         std::string_view payload, std::uint32_t mask);

/// Cuts what a server sends into messages.
class frame_reader {
public:
  enum class outcome {
    more,      ///< all was read; a part of a frame may be kept
    stopped,   ///< the callback said so
    malformed, ///< the server broke the protocol
  };

  /// A message larger than this is a mistake.
  static constexpr std::uint64_t max_message = 64U << 20;

  /// Calls `on_message(opcode, std::string_view) -> bool` for every message and
  /// every control frame that is complete, until it returns false. The views
  /// are valid during the call.
  template <class OnMessage>
  outcome feed(std::string_view bytes, OnMessage on_message);

  /// Forgets what was kept, for a new connection.
  void reset();

private:
  struct frame {
    opcode kind = opcode::text;
    bool final = true;
    std::string_view payload;
    std::size_t size = 0; ///< with its header
  };

  enum class parsed { frame, incomplete, malformed };

  /// The first frame of `in`. If it is incomplete, `out.size` is how many bytes
  /// are wanted at least.
  static parsed parse(std::string_view in, frame& out);

  /// Takes a part of a message; true if `out` is complete with it.
  bool assemble(frame& out, bool& malformed);

  std::string kept_;     ///< the beginning of a frame
  std::string assembly_; ///< the frames of a message that is not complete
  bool assembling_ = false;
  opcode assembly_kind_ = opcode::text;
};

template <class OnMessage>
frame_reader::outcome
frame_reader::feed(std::string_view bytes, OnMessage on_message) {
  frame next;
  // A frame that began in an earlier call gets the bytes that it lacks, and no
  // more, so that all that follow are read where they lie.
  while (!bytes.empty()) {
    std::string_view in = bytes;
    if (!kept_.empty()) {
      if (parse(kept_, next) == parsed::malformed)
        return outcome::malformed;
      auto lacking = bytes.substr(0, next.size - kept_.size());
      kept_ += lacking;
      bytes.remove_prefix(lacking.size());
      in = kept_;
    }
    auto state = parse(in, next);
    if (state == parsed::malformed)
      return outcome::malformed;
    if (state == parsed::incomplete) {
      if (kept_.empty()) {
        kept_ = bytes;
        return outcome::more;
      }
      continue;
    }
    bool malformed = false;
    bool complete = assemble(next, malformed);
    if (malformed)
      return outcome::malformed;
    if (complete && !on_message(next.kind, next.payload))
      return outcome::stopped;
    if (kept_.empty())
      bytes.remove_prefix(next.size);
    else
      kept_.clear();
  }
  return outcome::more;
}

} // namespace observer::loadgen
