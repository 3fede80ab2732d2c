#include "actors/registry/host_memory.hpp"

#include "actors/domain/secret.hpp"
#include "messages/names.hpp"

namespace observer {

namespace {

/// With its length in front, a part cannot run into the next one.
void append_part(std::string& out, std::string_view part) {
  out += std::to_string(part.size());
  out += ':';
  out += part;
}

} // namespace

std::optional<token_hash> retry_key(const host_request& request,
                                    session_id from) {
  if (!request.client_id)
    return std::nullopt;
  std::string parts;
  append_part(parts, *request.client_id);
  append_part(parts, request.name);
  append_part(parts, request.room.value_or(""));
  if (count_code_points(*request.client_id) < secret_client_id_length)
    append_part(parts, to_string(from));
  return domain::hash_token(parts);
}

std::optional<room_id> host_memory::find(const token_hash& key, monotonic now) {
  forget(now);
  auto i = rooms_.find(key);
  return i != rooms_.end() ? std::optional{i->second} : std::nullopt;
}

bool host_memory::remember(const token_hash& key, room_id room,
                           monotonic until) {
  auto is_full = ages_.size() >= max_;
  if (is_full)
    forget_oldest();
  ages_.push_back({key, room, until});
  rooms_[key] = room;
  return !is_full;
}

void host_memory::forget(monotonic now) {
  while (!ages_.empty() && ages_.front().until <= now)
    forget_oldest();
}

void host_memory::forget_oldest() {
  auto& oldest = ages_.front();
  auto i = rooms_.find(oldest.key);
  if (i != rooms_.end() && i->second == oldest.room) // none since
    rooms_.erase(i);
  ages_.pop_front();
}

} // namespace observer
