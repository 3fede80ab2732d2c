#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Names that people bear and see: what may stand in them, and which of them
/// look alike. By the properties of Unicode, and close to the nicknames of
/// RFC 8266, which leave no room for emoji. Texts are UTF-8; where a lone
/// surrogate stands in one (see `socketio::is_wtf8`), it is not printable.
namespace observer {

/// Characters, as limits count them.
[[nodiscard]] std::size_t count_code_points(std::string_view text);

/// The text without the blanks around it. A blank is what Unicode or JavaScript
/// calls white space, or what shows as nothing else: the Hangul fillers, the
/// Braille pattern without dots, the null notehead.
[[nodiscard]] std::string_view trim_blanks(std::string_view text);

[[nodiscard]] bool has_blanks(std::string_view text);

/// Whether nothing in the text is a control, format or separator character, a
/// surrogate or no character at all. Joiners are let through where emoji or the
/// scripts of Persia and India need them, tags where they make a flag.
[[nodiscard]] bool is_printable(std::string_view text);

/// Whether there is anything to be seen.
[[nodiscard]] bool is_visible(std::string_view text);

/// The same for all names that look alike: NFKC, without case, without what is
/// not seen, one space for all blanks in a row and none around it. Folding
/// once more changes nothing. Any text has a folded form, printable or not.
[[nodiscard]] std::string fold_name(std::string_view name);

} // namespace observer
