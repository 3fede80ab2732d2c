#pragma once

#include "messages/ids.hpp"
#include "messages/secret.hpp"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Statement.h>
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>

/// How our types stand in columns.
namespace observer {

inline std::int64_t to_milliseconds(timestamp x) {
  return x.time_since_epoch().count();
}

inline timestamp to_timestamp(std::int64_t x) {
  return timestamp{std::chrono::milliseconds{x}};
}

inline std::string to_text(const SQLite::Column& x) {
  const auto* data = static_cast<const char*>(x.getBlob());
  auto size = static_cast<std::size_t>(x.getBytes());
  return data != nullptr ? std::string{data, size} : std::string{};
}

/// Binds bytes as TEXT, whatever they are. They must outlive the step.
inline void bind_text(SQLite::Statement& to, int index,
                      const std::string& text) {
  to.bindNoCopy(index, text);
}

inline void bind_key(SQLite::Statement& to, int index, const session_key& key) {
  to.bindNoCopy(index, key.data(), static_cast<int>(key.size()));
}

inline session_key to_key(const SQLite::Column& x) {
  session_key result{};
  std::memcpy(result.data(), x.getBlob(),
              std::min(result.size(), static_cast<std::size_t>(x.getBytes())));
  return result;
}

inline void bind_number(SQLite::Statement& to, int index, std::uint64_t x) {
  to.bind(index, static_cast<std::int64_t>(x));
}

} // namespace observer
