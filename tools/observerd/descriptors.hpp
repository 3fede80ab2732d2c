#pragma once

#include <cstddef>

namespace observer {

/// File descriptors that the process may have at most (`ulimit -Hn`).
[[nodiscard]] std::size_t descriptor_limit();

/// Makes use of all of them; by default, a process gets no more than 1,024.
void raise_descriptor_limit();

/// Of `limit` descriptors, the one from which on none is left for a new
/// client: who is inside needs some for polls, so does the store.
[[nodiscard]] std::size_t max_client_descriptor(std::size_t limit);

} // namespace observer
