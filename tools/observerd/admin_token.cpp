#include "tools/observerd/admin_token.hpp"

#include "net/engineio/random_id.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace observer {

namespace {

[[noreturn]] void fail(const std::filesystem::path& file) {
  throw std::system_error{errno, std::generic_category(),
                          "cannot write " + file.string()};
}

} // namespace

std::string make_admin_token(const std::filesystem::path& file) {
  auto token = engineio::random_id();
  // A new file each time: one that somebody else left may be open to others.
  ::unlink(file.c_str());
  auto handle = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                       S_IRUSR | S_IWUSR);
  if (handle < 0)
    fail(file);
  auto line = token + "\n";
  auto written = ::write(handle, line.data(), line.size());
  ::close(handle);
  if (written != static_cast<ssize_t>(line.size()))
    fail(file);
  return token;
}

} // namespace observer
