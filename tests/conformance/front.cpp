#include "tests/conformance/fixture.hpp"

#include <boost/asio/ip/address_v4.hpp>

#include <iostream>

namespace observer::conformance {

front::front(net::io_context& loop, transport::options options,
             std::vector<transport::endpoint> endpoints, std::uint16_t port)
  : options_(std::move(options)),
    server_(options_) {
  server_.add_worker(loop, std::move(endpoints),
                     [](const http::request&, const http::responder& respond) {
                       respond(
                         http::make_response(http::status::not_found, {}, {}));
                     });
  auto at = server_.listen({net::ip::address_v4::loopback(), port});
  std::cout << "listening on http://" << at << std::endl;
}

void front::close() {
  server_.shut();
  server_.release();
}

transport::options open_to_all(const variants& how) {
  transport::options result;
  result.origins = http::origin_policy{{"*"}};
  result.engine.allow_v3 = how.allow_v3;
  result.engine.rates = engineio::flood_limits::unlimited();
  return result;
}

} // namespace observer::conformance
