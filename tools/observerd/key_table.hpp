#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <CLI/CLI.hpp>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

/// What configuration keys are made of.
namespace observer {

/// Before the name of a key's environment variable.
inline constexpr std::string_view env_prefix = "OBSERVER_";

/// `127.0.0.1:3000`, `[::1]:3000`, `localhost:3000`.
/// @throws CLI::ValidationError it is something else, as all below
[[nodiscard]] boost::asio::ip::tcp::endpoint
parse_endpoint(const std::string& text);

/// Whether it is like `https://example.org`, `capacitor://localhost`,
/// `file://`, `null`, or `*`.
[[nodiscard]] bool is_origin(const std::string& text);

/// Whether it is like `chat.example`: without scheme and port.
[[nodiscard]] bool is_host(const std::string& text);

/// `25s`, `300ms`, `2m`, `1h`, `7d`.
[[nodiscard]] std::chrono::milliseconds parse_duration(const std::string& text);

/// A whole number above 0.
[[nodiscard]] std::uint64_t parse_count(const std::string& text);

/// As `parse_duration` reads it.
[[nodiscard]] std::string to_text(std::chrono::milliseconds x);

/// Declares the keys; each is a flag, an environment variable and a line of the
/// file.
class key_table {
public:
  explicit key_table(CLI::App& app) : app_(app) {
  }

  /// A key whose text `read` turns into a value, or throws.
  template <class Read>
  CLI::Option* text(const std::string& flag, const std::string& shape,
                    const std::string& initial, const std::string& help,
                    Read read) {
    auto named_read = [flag, read](const std::string& in) {
      try {
        read(in);
      } catch (const CLI::ValidationError& error) {
        throw CLI::ValidationError{flag, error.what()};
      }
    };
    auto* option = app_.add_option_function<std::string>(flag, named_read,
                                                         help);
    return finish(option, flag, shape, initial);
  }

  void duration(const std::string& flag, std::chrono::milliseconds& target,
                std::chrono::milliseconds min, std::chrono::milliseconds max,
                const std::string& help);

  template <class T>
  void number(const std::string& flag, T& target, T min, T max,
              const std::string& help) {
    auto* option = app_.add_option(flag, target, help);
    option->check([min, max](const std::string& in) {
      T value{};
      const auto* end = in.data() + in.size();
      auto [stop, bad] = std::from_chars(in.data(), end, value);
      // Not the other way round: nothing is less or more than NaN.
      if (bad == std::errc{} && stop == end && value >= min && value <= max)
        return std::string{};
      return "must be " + fmt_number(min) + " to " + fmt_number(max) + ", not "
             + in;
    });
    finish(option, flag, "NUMBER", fmt_number(target));
  }

  void choice(const std::string& flag, std::string& target,
              const std::vector<std::string>& values, const std::string& help);

private:
  template <class T>
  static std::string fmt_number(T value) {
    std::ostringstream out;
    out << value;
    return out.str();
  }

  CLI::Option* finish(CLI::Option* option, const std::string& flag,
                      const std::string& shape, const std::string& initial);

  CLI::App& app_;
};

} // namespace observer
