#include "net/socketio/json.hpp"
#include "tools/loadgen/cli.hpp"
#include "tools/loadgen/plot.hpp"
#include "tools/loadgen/report.hpp"
#include "tools/loadgen/run.hpp"

#include <fstream>
#include <iostream>
#include <stdexcept>

namespace {

using namespace observer::loadgen;

void write_file(const std::string& name, const std::string& text) {
  std::ofstream out{name};
  out << text;
  if (!out.flush())
    throw std::runtime_error{"cannot write " + name};
}

} // namespace

int main(int argc, char** argv) {
  auto [settings, exit_code] = parse_command_line(argc, argv);
  if (!settings)
    return exit_code;
  try {
    auto result = run(*settings);
    print(std::cout, *settings, result);
    if (!settings->json_file.empty()) {
      std::string text;
      observer::socketio::append_json(text, to_json(*settings, result));
      write_file(settings->json_file, text + '\n');
    }
    if (!settings->plot_file.empty())
      write_file(settings->plot_file, plot(*settings, result));
    return result.is_good() ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << "loadgen: " << error.what() << '\n';
    return 1;
  }
}
