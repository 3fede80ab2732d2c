#pragma once

#include "messages/handles.hpp"
#include "messages/limits/waiting_line.hpp"
#include "messages/secret.hpp"

#include <string>

namespace observer {

/// How to ask the keeper of passwords: with a place in its line.
struct password_service {
  password_keeper_actor keeper;
  waiting_line& line;
};

/// What the keeper of passwords is asked.
namespace password_message {

using observer::stays_in_process;

/// Answered with its hash.
struct hash_password {
  std::string text;
  waiting_line::place place;
};

/// Answered with whether it is the password that was hashed.
struct check_password {
  password_hash hash;
  std::string text;
  waiting_line::place place;
};

} // namespace password_message

} // namespace observer
