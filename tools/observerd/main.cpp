#include "tools/observerd/application.hpp"
#include "tools/observerd/config.hpp"
#include "tools/observerd/descriptors.hpp"
#include "tools/observerd/log.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <spdlog/spdlog.h>

#include <csignal>
#include <iostream>

namespace {

/// Waits until somebody wants the server to end.
void await_signal(boost::asio::io_context& context,
                  boost::asio::signal_set& signals) {
  signals.async_wait([](boost::system::error_code, int number) {
    spdlog::info("observerd.stopping signal={}", number);
  });
  context.run();
}

} // namespace

int main(int argc, char** argv) {
  auto [config, code] = observer::parse_config(argc, argv);
  if (!config)
    return code;
  observer::set_up_log(config->log_format, config->log_level);
  observer::raise_descriptor_limit();
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN); // a write over the limit shall fail, not kill
  boost::asio::io_context context{1};
  boost::asio::signal_set signals{context, SIGINT, SIGTERM};
  try {
    observer::application application{*config};
    application.start();
    await_signal(context, signals);
    application.stop();
  } catch (const std::exception& error) {
    std::cerr << "observerd: " << error.what() << '\n';
    code = 1;
  }
  spdlog::shutdown();
  return code;
}
