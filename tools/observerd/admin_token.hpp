#pragma once

#include <filesystem>
#include <string>

namespace observer {

/// Makes a new admin token and leaves it in `file`, which only the owner can
/// read. On a full disk the token of the last start, if it is there and nobody
/// else could read it, stays as it is.
/// @throws std::system_error the file cannot be written
[[nodiscard]] std::string make_admin_token(const std::filesystem::path& file);

} // namespace observer
