// The program against which public conformance suites run.

#include "tests/conformance/fixture.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>

#include <CLI/CLI.hpp>
#include <csignal>
#include <exception>
#include <iostream>

int main(int argc, char** argv) try {
  using namespace observer::conformance;
  std::string mode;
  ports where;
  variants how;
  CLI::App app{"Servers for public Engine.IO and Socket.IO suites"};
  app.add_option("--mode", mode, "protocol or clients")
    ->required()
    ->check(CLI::IsMember({"protocol", "clients"}));
  app
    .add_option("--port", where.engine,
                "where /engine.io/ is, and in mode protocol /socket.io/")
    ->capture_default_str();
  app
    .add_option("--socket-port", where.socket,
                "where /socket.io/ is in mode clients")
    ->capture_default_str();
  app.add_flag("--allow-eio3", how.allow_v3, "let Socket.IO 2.x clients in");
  CLI11_PARSE(app, argc, argv);

  auto loop = std::make_unique<net::io_context>(1);
  auto running = mode == "protocol" ? make_protocol_fixture(*loop, where, how)
                                    : make_clients_fixture(*loop, where, how);
  {
    net::signal_set signals{*loop, SIGINT, SIGTERM};
    signals.async_wait([&](auto, int) {
      running->close();
      net::post(*loop, [&] { loop->stop(); }); // behind what was posted so far
    });
    loop->run();
  }
  loop.reset(); // before what the handlers that it still holds refer to
  return 0;
} catch (const std::exception& error) {
  std::cerr << "sio_fixture: " << error.what() << '\n';
  return 1;
}
