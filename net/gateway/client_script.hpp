#pragma once

#include "net/http/message.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace observer::gateway {

/// A file that never changes, in all codings in which it can be had. The bytes
/// are the program's own.
struct static_asset {
  std::string_view name;
  std::string_view type; ///< `Content-Type`
  std::string_view tag;  ///< of the contents, for `ETag`
  std::string_view identity;
  std::string_view gzip;
  std::string_view brotli;
};

/// Serves the files of the Socket.IO client below `/socket.io/`, as Node's
/// socket.io does: caches may keep them, and ask each time whether they are
/// still the same. Any thread.
class client_script {
public:
  explicit client_script(const std::vector<static_asset>& assets);

  /// Whether there is none.
  [[nodiscard]] bool empty() const noexcept {
    return assets_.empty();
  }

  /// Answers GET or HEAD of a file: 200, 304 (RFC 9110, section 13.1.2), or 404
  /// if there is no such file.
  [[nodiscard]] http::response serve(const http::request& in,
                                     std::string_view name) const;

private:
  /// The body, which all answers share.
  [[nodiscard]] http::shared_text text_of(std::string_view bytes) const;

  std::map<std::string_view, static_asset> assets_;
  mutable std::mutex mutex_;
  /// By where the bytes are; only what was asked for.
  mutable std::map<const char*, std::shared_ptr<const std::string>> texts_;
};

} // namespace observer::gateway
