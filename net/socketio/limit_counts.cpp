#include "net/socketio/limit_counts.hpp"

namespace observer::socketio {

void count(boost::system::error_code why, limit_counts& met) {
  if (why.category() != category())
    return;
  switch (static_cast<errc>(why.value())) {
    case errc::too_deep:
      ++met.depth;
      break;
    case errc::too_many_values:
      ++met.values;
      break;
    case errc::too_many_members:
      ++met.members;
      break;
    case errc::long_event_name:
      ++met.event_name;
      break;
    case errc::too_many_arguments:
      ++met.arguments;
      break;
    case errc::too_many_attachments:
      ++met.attachments;
      break;
    case errc::too_many_namespaces:
      ++met.namespaces;
      break;
    case errc::connect_timeout:
      ++met.connect_time;
      break;
    case errc::late_attachments:
      ++met.attachments_time;
      break;
    default:
      break;
  }
}

} // namespace observer::socketio
