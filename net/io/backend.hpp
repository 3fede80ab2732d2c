#pragma once

namespace observer::io {

/// How a loop asks the kernel to read and write.
enum class backend {
  automatic, ///< by io_uring where the kernel has it, otherwise by epoll
  uring,     ///< by io_uring; `uring::refusal` tells beforehand if it can be
  epoll,
};

} // namespace observer::io
