#pragma once

#include <cstddef>
#include <string_view>

namespace observer::socketio {

/// Whether `text` is UTF-8. A lone surrogate, which JavaScript makes from cut
/// emoji, may stand in it as the three bytes that it would have (WTF-8).
[[nodiscard]] bool is_wtf8(std::string_view text);

/// Whether the three bytes of a surrogate stand at `at` of a text that
/// `is_wtf8`: UTF-8 never has these.
[[nodiscard]] inline bool is_surrogate(std::string_view text, std::size_t at) {
  return text[at] == '\xED' && at + 2 < text.size()
         && static_cast<unsigned char>(text[at + 1]) >= 0xA0;
}

} // namespace observer::socketio
