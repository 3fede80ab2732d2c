#pragma once

#include <boost/system/error_category.hpp>
#include <boost/system/error_code.hpp>

#include <string>

namespace observer::engineio {

/// What can be wrong with bytes from a client.
enum class errc {
  empty_packet = 1, ///< a packet without even a type
  unknown_type,     ///< the first character names no packet type
  too_many_packets, ///< a polling payload with more packets than allowed
  bad_length,       ///< protocol 3: a length that is none, or not there
};

inline const boost::system::error_category& category() {
  struct category_impl final : boost::system::error_category {
    [[nodiscard]] const char* name() const noexcept override {
      return "engineio";
    }
    [[nodiscard]] std::string message(int code) const override {
      switch (static_cast<errc>(code)) {
        case errc::empty_packet:
          return "empty packet";
        case errc::unknown_type:
          return "unknown packet type";
        case errc::too_many_packets:
          return "too many packets in a payload";
        case errc::bad_length:
          return "invalid length of a packet";
      }
      return "unknown error";
    }
  };
  static const category_impl instance;
  return instance;
}

inline boost::system::error_code make_error_code(errc code) {
  return {static_cast<int>(code), category()};
}

} // namespace observer::engineio

template <>
struct boost::system::is_error_code_enum<observer::engineio::errc>
  : std::true_type {};
