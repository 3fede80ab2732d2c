#pragma once

#include <string>
#include <string_view>

namespace observer {

/// `text` as it may be shown on a terminal. What users wrote stands in it, and
/// a terminal obeys control characters (C0, DEL, C1) and turns lines around for
/// those of bidirectional text: they become `\u009b`, which is the same value
/// in a JSON text. So does half a surrogate pair, which JavaScript leaves in
/// texts; other bytes that are no UTF-8 become `\ufffd`.
[[nodiscard]] std::string printable(std::string_view text);

} // namespace observer
