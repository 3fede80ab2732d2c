#pragma once

#include "net/engineio/outgoing.hpp"
#include "net/socketio/packet.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// Packets on their way out, in the way that a parser writes them.
namespace observer::socketio {

/// Everything before the JSON of a packet: type, number of attachments,
/// namespace, id.
void append_head(std::string& out, packet_type type, std::string_view nsp,
                 std::size_t attachments = 0,
                 std::optional<std::uint64_t> id = {});

/// A packet without attachments.
/// @param data its payload; null if it has none
[[nodiscard]] engineio::outgoing_ptr
encode(parser how, packet_type type, std::string_view nsp,
       const boost::json::value& data = {});

/// The same packet for clients with the MessagePack parser.
/// @param json a packet that `encode` or a `packet_writer` wrote as JSON
[[nodiscard]] engineio::outgoing_ptr to_msgpack(const engineio::outgoing& json);

/// Writes an EVENT or an ACK: its arguments, and for an event its name as the
/// first of them.
class packet_writer {
public:
  /// @param nsp must outlive the writer, and so must `attachments`: what the
  ///        placeholders among the arguments stand for
  packet_writer(parser how, packet_type type, std::string_view nsp,
                std::optional<std::uint64_t> id,
                std::span<const std::string> attachments = {});

  void add_text(std::string_view argument);

  /// An argument that is written as JSON already.
  void add_json(std::string_view argument);

  void add(const boost::json::value& argument);

  /// The packet. Once, as the last thing.
  [[nodiscard]] engineio::outgoing_ptr finish();

private:
  /// Begins an argument of a packet in JSON.
  std::string& next();

  parser parser_;
  packet_type type_;
  std::string_view nsp_;
  std::optional<std::uint64_t> id_;
  std::span<const std::string> attachments_;
  std::string text_;             ///< JSON: the packet so far
  char separator_ = '[';         ///< JSON: what comes before the next argument
  boost::json::array arguments_; ///< MessagePack: its head has their number
};

} // namespace observer::socketio
