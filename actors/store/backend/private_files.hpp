#pragma once

#include <filesystem>

/// What is stored says who talked to whom, and keeps hashes of secrets: only
/// the owner may look. A file has its rights before anything is in it.
namespace observer {

/// Makes `folder`, for the owner alone. One that is there is taken from others,
/// unless they may write to it: then it is a shared place, such as /tmp.
/// @throws std::filesystem::filesystem_error it cannot be made
void make_private_folder(const std::filesystem::path& folder);

/// Makes an empty `file`, for the owner alone. One that is there keeps its
/// content and what the owner may do with it; others lose all. Leaves it to the
/// first use of the file to say why it cannot be had.
void make_private_file(const std::filesystem::path& file);

/// Takes `file` from others, if it is there.
void close_to_others(const std::filesystem::path& file);

} // namespace observer
