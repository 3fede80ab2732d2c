#pragma once

#include "messages/limit_counts.hpp"
#include "net/socketio/limit_counts.hpp"
#include "net/transport/limit_counts.hpp"
#include "tools/observerd/config.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace observer {

/// All limits, one row each: `row(key, field, least, most, help, met)`, where
/// `met` is the member of one of the three `limit_counts` that counts how often
/// it was met. The configuration reads them, the inspection
/// interface shows them.
///
/// @param rate takes the rows that the key `limits` switches off.
template <class Config, class Row, class Rate>
void for_each_limit(Config& in, Row row, Rate rate) {
  using namespace std::chrono_literals;
  using wire = transport::limit_counts;
  using packets = socketio::limit_counts;
  using rooms = limit_counts;
  auto& net = in.transport;
  auto& packet = in.socketio.packets;
  auto& limits = in.limits;
  // the door
  row("max-connections", net.max_connections, 1, 100'000'000,
      "Clients at a time; more are answered 503. By default, as many as the "
      "system's limit of descriptors allows",
      &wire::sessions);
  rate("unconnected-per-address", net.unconnected_per_address, 1, 100'000'000,
       "Connections of one address that have not entered a namespace; more are "
       "answered 429",
       &wire::unconnected);
  rate("address-share", net.address_share, 1, 100,
       "Percent of the places that one address may have while it is alone; as "
       "they get short, it gets no more of them, and others do. 100 where all "
       "clients come from one proxy",
       &wire::address_share);
  rate("unfinished-per-address", net.unfinished_per_address, 1'000'000,
       std::int64_t{1} << 40,
       "Bytes of requests, messages and packets without an end that one address "
       "may have sent; more are answered 429, or cut off",
       &wire::unfinished);
  row("max-commit-time", in.max_commit_time, 10ms, 1h,
      "Time that the store may take to keep what it was given; beyond it, new "
      "clients are answered 503",
      &rooms::commit_time);
  // requests
  row("max-head", net.head_bytes, 1024, 32'000,
      "Bytes of a request's head; more are answered 431", &wire::head_bytes);
  row("max-fields", net.head_fields, 10, 10'000,
      "Header fields of a request; more are answered 431", &wire::head_fields);
  row("max-target", net.target_bytes, 128, 1'000'000,
      "Bytes of a request's target; more are answered 414",
      &wire::target_bytes);
  row("max-payload", net.engine.max_payload, 100, 100'000'000,
      "Bytes of one polling request or WebSocket message, and of a packet's "
      "attachments together",
      &wire::payload_bytes);
  row("max-fragments", net.fragments, 1, 1'000'000,
      "Frames of one WebSocket message", &wire::fragments);
  row("head-timeout", net.head_timeout, 50ms, 1h,
      "Time to send the head of a first request", &wire::head_time);
  row("body-timeout", net.body_timeout, 50ms, 1h,
      "Time to send the body of a request, or to read an answer",
      &wire::body_time);
  row("message-timeout", net.message_timeout, 50ms, 1h,
      "Time from the first byte of a WebSocket message to its last",
      &wire::message_time);
  row("idle-timeout", net.idle_timeout, 50ms, 1h,
      "Time that a connection is kept between two requests", &wire::idle_time);
  // packets
  row("max-packets", net.engine.max_post_packets, 1, 1'000'000,
      "Packets of one polling request", &wire::post_packets);
  // What is stored is read again with the same limit: no more than the default.
  row("max-depth", packet.depth, 1, 64,
      "Values of a packet that are nested in each other", &packets::depth);
  row("max-values", packet.values, 1, 100'000'000, "Values of a packet",
      &packets::values);
  // Fewer than an object of Boost.JSON looks through one by one gain nothing.
  row("max-members", packet.members, 16, 100'000'000,
      "Members of one object in a packet", &packets::members);
  row("max-event-name", packet.event_name, 1, 1'000'000,
      "Bytes of an event's name", &packets::event_name);
  row("max-arguments", packet.arguments, 1, 1'000'000, "Arguments of an event",
      &packets::arguments);
  row("max-attachments", packet.attachments, 0, 1'000'000,
      "Binary attachments of a packet", &packets::attachments);
  row("max-namespaces", in.socketio.namespaces, 1, 10'000,
      "Namespaces of a connection", &packets::namespaces);
  // connections
  row("connect-timeout", in.socketio.connect_timeout, 50ms, 1h,
      "Time to enter a namespace after the handshake", &packets::connect_time);
  row("attachment-timeout", in.socketio.attachments_timeout, 50ms, 1h,
      "Time from a packet to the last of its attachments",
      &packets::attachments_time);
  row("upgrade-timeout", net.engine.upgrade_timeout, 50ms, 1h,
      "Time from the opening of a WebSocket to the end of its upgrade",
      &wire::upgrade_time);
  row("ping-timeout", net.engine.ping_timeout, 50ms, 1h,
      "Time to answer a heartbeat", &wire::pongs);
  row("max-queue", net.queue_bytes, 1024, 1 << 30,
      "Bytes queued for one client before it is cut off", &wire::queue_bytes);
  auto& rates = net.engine.rates;
  rate("packet-rate", rates.packets.per_second, 0.01, 1e6,
       "Packets a second of one connection; over it, it is read more slowly",
       &wire::packets);
  rate("packet-burst", rates.packets.burst, 1, 1e6,
       "Packets of one connection at once after a pause", &wire::packets);
  rate("packet-patience", rates.patience, 0ms, 1h,
       "Time that a connection may be over its packet rate; then it is closed",
       &wire::packets);
  rate("byte-rate", rates.bytes.per_second, 1000, 1e12,
       "Bytes a second of one connection; over it, it is read more slowly",
       &wire::byte_rate);
  rate("byte-burst", rates.bytes.burst, 1000, 1e12,
       "Bytes of one connection at once after a pause", &wire::byte_rate);
  // rooms
  row("max-name", limits.name_length, 1, 10'000, "Characters of a display name",
      &rooms::name);
  row("max-room-name", limits.room_name_length, 1, 10'000,
      "Characters of a room's name", &rooms::room_name);
  row("max-text", limits.text_bytes, 1, 10'000'000, "Bytes of one message text",
      &rooms::text_bytes);
  row("max-client-ids", limits.client_ids, 1, 1'000'000,
      "Messages of one member whose client_id is remembered at a time",
      &rooms::client_ids);
  rate("message-rate", limits.messages.per_second, 0.01, 1e6,
       "Messages a second of one socket", &rooms::message_rate);
  rate("message-burst", limits.messages.burst, 1, 1e6,
       "Messages of one socket at once after a pause", &rooms::message_rate);
  rate("room-change-rate", limits.room_changes.per_second, 0.01, 1e6,
       "Changes of one room a second by its host", &rooms::room_changes);
  rate("room-change-burst", limits.room_changes.burst, 1, 1e6,
       "Changes of one room at once after a pause", &rooms::room_changes);
  rate("room-rate", limits.rooms.per_second, 0.01, 1e6,
       "Rooms made a second from one address", &rooms::room_rate);
  rate("room-burst", limits.rooms.burst, 1, 1e6,
       "Rooms made at once from one address after a pause", &rooms::room_rate);
  rate("room-byte-rate", limits.room_bytes.per_second, 1000, 1e12,
       "Bytes a second that are said in one room", &rooms::room_bytes);
  rate("room-byte-burst", limits.room_bytes.burst, 1000, 1e12,
       "Bytes that are said in one room at once after a pause",
       &rooms::room_bytes);
  rate("failed-entry-rate", limits.failed_entries.per_second, 0.0001, 1e6,
       "Entries a second into one room from one address that may fail for a "
       "wrong password or token",
       &rooms::failed_entries);
  rate("failed-entry-burst", limits.failed_entries.burst, 1, 1e6,
       "Such entries that may fail at once after a pause",
       &rooms::failed_entries);
  row("max-passwords", limits.password_line, 4, 1'000'000,
      "Passwords that wait to be hashed or checked, a quarter of them from one "
      "address; more are answered `unavailable`",
      &rooms::password_line);
  row("room-capacity", limits.room_capacity, 1, 1'000'000,
      "Participants in one room", &rooms::room_capacity);
  rate("absent-per-address", limits.absent_per_address, 1, 1'000'000,
       "Members of one room from one address who have lost their connection; "
       "beyond it, and beyond a tenth of a room that is full, the longest "
       "absent leave",
       &rooms::absent);
  row("rooms-per-socket", limits.rooms_per_socket, 1, 10'000,
      "Rooms that one socket may be in", &rooms::rooms_per_socket);
  row("remembered-hosts", limits.remembered_hosts, 1, 10'000'000,
      "Host requests that are remembered for a retry, each for the grace time",
      &rooms::remembered_hosts);
  // looking in
  row("list-length", limits.list_length, 1, 100'000,
      "Rooms or users on one page of /api/room or /api/users; a Link header "
      "leads to the next",
      &rooms::list_length);
  row("max-answers", limits.answer_bytes, 100'000, std::size_t{1} << 40U,
      "Bytes of REST answers that clients have not read yet, all together; "
      "beyond it, requests are answered 503",
      &rooms::answer_bytes);
  row("admin-tries", limits.admin_tries, 1, 1'000'000,
      "Wrong admin tokens a minute; over it, observerctl is answered 429",
      &rooms::admin_tries);
}

/// All limits as a JSON array: `{"limit":..,"value":..,"met":..}`, where the
/// value of one that is switched off is `"off"`.
[[nodiscard]] std::string limits_as_json(const config& in,
                                         const transport::limit_counts& wire,
                                         const socketio::limit_counts& packets,
                                         const limit_counts& rooms);

/// How often each limit was met, by its key.
[[nodiscard]] std::vector<std::pair<std::string, std::uint64_t>>
limits_met(const config& in, const transport::limit_counts& wire,
           const socketio::limit_counts& packets, const limit_counts& rooms);

} // namespace observer
