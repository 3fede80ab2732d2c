#pragma once

#include <boost/system/error_category.hpp>
#include <boost/system/error_code.hpp>

#include <string>

namespace observer::socketio {

/// What can be wrong with what a client says. All of it ends its connection.
enum class errc {
  empty_packet = 1,  ///< a message without a packet type
  unknown_type,      ///< no type of a packet that a client may send
  bad_namespace,     ///< missing, or no name of one
  bad_id,            ///< an ack id that is no whole number
  bad_attachments,   ///< count missing or 0, or where none may be
  bad_payload,       ///< malformed, or not what the packet type asks for
  bad_placeholder,   ///< attachments not each used exactly once
  unexpected_binary, ///< a binary message that no packet announced
  unexpected_text,   ///< a text message where bytes are due
  reserved_event,    ///< an event name that clients use themselves

  // -- limits (`packet_limits`, `session_options`) ----------------------------

  too_deep,             ///< values nested in each other
  too_many_values,      ///< in one packet
  too_many_members,     ///< of one object
  long_event_name,      ///< bytes
  too_many_arguments,   ///< of one event
  too_many_attachments, ///< of one packet
  large_attachments,    ///< bytes of one packet's together
  too_many_namespaces,  ///< of one connection

  // -- the course of things ---------------------------------------------------

  not_connected,     ///< a packet before the first CONNECT
  connected_already, ///< a second CONNECT to a namespace
  connect_timeout,   ///< no CONNECT in time
  late_attachments,  ///< attachments did not come in time
};

inline const boost::system::error_category& category() {
  struct category_impl final : boost::system::error_category {
    [[nodiscard]] const char* name() const noexcept override {
      return "socketio";
    }
    [[nodiscard]] std::string message(int code) const override {
      switch (static_cast<errc>(code)) {
        case errc::empty_packet:
          return "empty packet";
        case errc::unknown_type:
          return "unknown packet type";
        case errc::bad_namespace:
          return "invalid namespace";
        case errc::bad_id:
          return "invalid ack id";
        case errc::bad_attachments:
          return "invalid number of attachments";
        case errc::bad_payload:
          return "invalid payload";
        case errc::bad_placeholder:
          return "invalid attachment placeholder";
        case errc::unexpected_binary:
          return "binary message without a packet";
        case errc::unexpected_text:
          return "text message where bytes are due";
        case errc::reserved_event:
          return "reserved event name";
        case errc::too_deep:
          return "values nested too deeply";
        case errc::too_many_values:
          return "too many values in a packet";
        case errc::too_many_members:
          return "too many members of an object";
        case errc::long_event_name:
          return "event name too long";
        case errc::too_many_arguments:
          return "too many arguments of an event";
        case errc::too_many_attachments:
          return "too many attachments of a packet";
        case errc::large_attachments:
          return "attachments of a packet too large";
        case errc::too_many_namespaces:
          return "too many namespaces";
        case errc::not_connected:
          return "a packet before CONNECT";
        case errc::connected_already:
          return "a second CONNECT to the same namespace";
        case errc::connect_timeout:
          return "no namespace entered in time";
        case errc::late_attachments:
          return "attachments did not come in time";
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

} // namespace observer::socketio

template <>
struct boost::system::is_error_code_enum<observer::socketio::errc>
  : std::true_type {};
