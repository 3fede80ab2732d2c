#pragma once

#include <boost/json/value.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>

/// What observerctl does with a data folder itself, without a server. All
/// throw `store_error` when the store cannot be used.
namespace observer {

/// Folds a room's events up to revision `to`, or all: `{room_id, rev, state,
/// events}`, where `state` is a `room_data` (PROTOCOL.md) with everybody
/// offline, and `muted`, `banned` besides. Hashes of secrets are not shown.
/// @throws std::runtime_error there was never such a room
[[nodiscard]] boost::json::value replay_room(const std::filesystem::path& data,
                                             std::int64_t room,
                                             std::optional<std::uint64_t> to);

/// What is wrong with the store: an array of texts, empty if all is well. A
/// server may be running on it.
[[nodiscard]] boost::json::value check_store(const std::filesystem::path& data);

/// How much there is of what. A server may be running on it.
[[nodiscard]] boost::json::value
show_store_figures(const std::filesystem::path& data);

/// Gives the space of what was deleted back. No server may be running on it.
/// @returns the bytes before and after
boost::json::value vacuum_store(const std::filesystem::path& data);

/// Copies the store as it is at one moment into `file`. A server may be
/// running on it.
/// @throws std::runtime_error `file` is there already
boost::json::value back_up_store(const std::filesystem::path& data,
                                 const std::filesystem::path& file);

} // namespace observer
