#pragma once

#include <csignal>
#include <sys/resource.h>

namespace observer {

/// As long as it lives, no file of this process grows beyond `bytes`: a disk
/// that is full.
class full_disk {
public:
  explicit full_disk(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    set(bytes);
  }

  full_disk(const full_disk&) = delete;
  full_disk& operator=(const full_disk&) = delete;

  ~full_disk() {
    set(before_.rlim_cur);
  }

private:
  void set(rlim_t bytes) const {
    rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }

  rlimit before_{};
};

} // namespace observer
