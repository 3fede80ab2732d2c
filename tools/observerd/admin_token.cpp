#include "tools/observerd/admin_token.hpp"

#include "net/engineio/random_id.hpp"

#include <cerrno>
#include <fcntl.h>
#include <optional>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace observer {

namespace {

/// A descriptor that is closed at the end of its use.
class descriptor {
public:
  explicit descriptor(int handle) : handle_(handle) {
  }

  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;

  ~descriptor() {
    if (handle_ >= 0)
      ::close(handle_);
  }

  [[nodiscard]] int get() const noexcept {
    return handle_;
  }

private:
  int handle_;
};

/// Makes `file`, which must not be there. @returns why not, or 0
int write_new(const std::filesystem::path& file, const std::string& line) {
  descriptor out{::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                        S_IRUSR | S_IWUSR)};
  if (out.get() < 0)
    return errno;
  auto written = ::write(out.get(), line.data(), line.size());
  if (written < 0)
    return errno;
  return written == static_cast<ssize_t>(line.size()) ? 0 : ENOSPC;
}

/// The token of an earlier start, if nobody but us can have read or written it.
std::optional<std::string> kept_token(const std::filesystem::path& file) {
  descriptor in{::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC)};
  struct stat info {};
  if (in.get() < 0 || ::fstat(in.get(), &info) != 0 || !S_ISREG(info.st_mode)
      || info.st_uid != ::geteuid() || info.st_nlink != 1
      || (info.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return {};
  std::string line(engineio::random_id_size + 2, '\0');
  auto count = ::read(in.get(), line.data(), line.size());
  if (count != static_cast<ssize_t>(engineio::random_id_size + 1)
      || line[engineio::random_id_size] != '\n')
    return {};
  line.resize(engineio::random_id_size);
  return line;
}

} // namespace

std::string make_admin_token(const std::filesystem::path& file) {
  auto token = engineio::random_id();
  // A new file each time: one that somebody else left may be open to others.
  auto fresh = file;
  fresh += ".new";
  ::unlink(fresh.c_str());
  auto why = write_new(fresh, token + "\n");
  if (why == 0 && ::rename(fresh.c_str(), file.c_str()) != 0)
    why = errno;
  if (why == 0)
    return token;
  ::unlink(fresh.c_str());
  if (why == ENOSPC || why == EDQUOT || why == EFBIG)
    if (auto kept = kept_token(file))
      return *kept;
  throw std::system_error{why, std::generic_category(),
                          "cannot write " + file.string()};
}

} // namespace observer
