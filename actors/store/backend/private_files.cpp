#include "actors/store/backend/private_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace observer {

namespace fs = std::filesystem;

namespace {

constexpr auto of_others = fs::perms::group_all | fs::perms::others_all;

} // namespace

void make_private_folder(const fs::path& folder) {
  if (folder.has_parent_path())
    fs::create_directories(folder.parent_path());
  if (::mkdir(folder.c_str(), S_IRWXU) == 0)
    return;
  fs::create_directories(folder); // says why not
  auto rights = fs::status(folder).permissions();
  auto shared = fs::perms::group_write | fs::perms::others_write;
  if ((rights & shared) == fs::perms::none)
    close_to_others(folder);
}

void make_private_file(const fs::path& file) {
  auto handle = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                       S_IRUSR | S_IWUSR);
  if (handle >= 0)
    ::close(handle);
  else
    close_to_others(file);
}

void close_to_others(const fs::path& file) {
  std::error_code ignored; // somebody else's, which the owner may show
  fs::permissions(file, of_others, fs::perm_options::remove, ignored);
}

} // namespace observer
