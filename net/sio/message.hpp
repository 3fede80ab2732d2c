#pragma once

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <initializer_list>
#include <string>
#include <vector>

namespace observer::sio {

/// The arguments of an event or an ack. JSON, in which an attachment stands as
/// `{"_placeholder":true,"num":N}` for `attachments[N]`, at any depth. A
/// message that came in can be sent on as it is.
struct message {
  boost::json::array arguments;
  std::vector<std::string> attachments;

  message() = default;

  /// `message{"text", 42, {{"key", "value"}}}`: three arguments.
  message(std::initializer_list<boost::json::value_ref> list);

  /// Takes bytes along.
  /// @returns what stands for them, to be put among the arguments.
  boost::json::value attach(std::string bytes);

  /// The argument at `index`; null if there are fewer.
  [[nodiscard]] const boost::json::value& at(std::size_t index) const;

  /// The bytes that a value of this message stands for; null if it is no
  /// attachment.
  [[nodiscard]] const std::string*
  bytes_of(const boost::json::value& value) const;
};

} // namespace observer::sio
