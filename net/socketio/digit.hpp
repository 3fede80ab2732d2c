#pragma once

namespace observer::socketio {

/// Of a packet's numbers, in ASCII; `std::isdigit` asks the locale.
[[nodiscard]] constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

} // namespace observer::socketio
