#include "net/gateway/client_script.hpp"

#include "net/http/compression.hpp"

#include <algorithm>

namespace observer::gateway {

namespace {

/// Whether a list of entity tags has this one, or says that any will do. Weak
/// ones count: a cache that has compressed the file by itself has made it one.
bool lists(std::string_view tags, std::string_view tag) {
  while (!tags.empty()) {
    auto end = std::min(tags.find(','), tags.size());
    auto one = tags.substr(0, end);
    tags.remove_prefix(std::min(end + 1, tags.size()));
    auto first = one.find_first_not_of(" \t");
    if (first == std::string_view::npos)
      continue;
    one = one.substr(first, one.find_last_not_of(" \t") - first + 1);
    if (one.starts_with("W/"))
      one.remove_prefix(2);
    if (one == tag || one == "*")
      return true;
  }
  return false;
}

} // namespace

client_script::client_script(const std::vector<static_asset>& assets) {
  for (auto& x : assets)
    assets_.emplace(x.name, x);
}

http::shared_text client_script::text_of(std::string_view bytes) const {
  std::lock_guard guard{mutex_};
  auto& text = texts_[bytes.data()];
  if (!text)
    text = std::make_shared<const std::string>(bytes);
  return text;
}

http::response client_script::serve(const http::request& in,
                                    std::string_view name) const {
  auto i = assets_.find(name);
  if (i == assets_.end())
    return http::make_error(http::status::not_found, "not_found",
                            "there is nothing here");
  auto& asset = i->second;
  std::string tag{asset.tag};
  std::string_view coding;
  auto bytes = asset.identity;
  if (http::accepts_coding(in, "br")) {
    coding = "br";
    bytes = asset.brotli;
  } else if (http::accepts_coding(in, "gzip")) {
    coding = "gzip";
    bytes = asset.gzip;
  }
  if (!coding.empty())
    tag += "-" + std::string{coding};
  tag = '"' + tag + '"';
  auto known = lists(in[http::field::if_none_match], tag);
  auto out = known ? http::make_response(http::status::not_modified, {}, {})
                   : http::make_response(http::status::ok, asset.type,
                                         text_of(bytes));
  out.set(http::field::etag, tag);
  out.set(http::field::cache_control, "public, max-age=0");
  out.set(http::field::vary, "Accept-Encoding");
  if (!known && !coding.empty())
    out.set(http::field::content_encoding, coding);
  return out;
}

} // namespace observer::gateway
