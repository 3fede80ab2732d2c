#pragma once

#include "net/http/authority.hpp"
#include "net/http/message.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace observer::http {

/// Who must call the server by a name that it knows. A page's author can have a
/// name of theirs resolve to our address (DNS rebinding): then Host and Origin
/// agree, and the page reaches what only its reader should.
enum class host_rule {
  nobody, ///< everybody can reach us anyway
  pages,  ///< what a browser sends: a page of a name that was made to point
          ///< here (DNS rebinding) reads without an Origin
  all,
};

/// Which web pages may speak to the server: those of its own origin, and those
/// on a list. Requests without an Origin do not come from a page.
class origin_policy {
public:
  origin_policy() = default;

  /// @param allowed origins as `parse_origin` reads them, or `*` for all (then
  ///        without credentials); others are left out.
  /// @param hosts names of the server, in any case of letters; addresses, those
  ///        under `localhost`, and the hosts of allowed origins are known.
  explicit origin_policy(const std::vector<std::string>& allowed,
                         const std::vector<std::string>& hosts = {});

  /// Whether the page that sent `in` may speak to us, if its Host is ours.
  [[nodiscard]] bool allows(const request& in) const;

  /// Whether `in` calls us by a name that it may call us by. To be asked first.
  [[nodiscard]] bool trusts_host(const request& in, host_rule rule) const;

  /// Adds what tells the browser so; refused origins get nothing.
  void add_headers(const request& in, response& out) const;

  /// Whether `in` is a CORS preflight.
  [[nodiscard]] static bool is_preflight(const request& in);

  /// Answers a preflight: 204.
  [[nodiscard]] response answer_preflight(const request& in) const;

private:
  [[nodiscard]] bool lists(const origin& x) const;
  [[nodiscard]] bool knows(const authority& x) const;

  std::vector<origin> allowed_;
  std::vector<std::string> hosts_; ///< lower case
  bool all_ = false;
};

} // namespace observer::http
