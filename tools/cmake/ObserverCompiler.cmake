# What every target is compiled with: the interface library `observer_options`.
add_library(observer_options INTERFACE)
target_include_directories(observer_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(observer_options INTERFACE
  -Wall -Wextra -Wpedantic
  $<$<BOOL:${OBSERVER_WERROR}>:-Werror>
  # GCC 12 sees dangling and uninitialised data in inlined library code.
  $<$<CXX_COMPILER_ID:GNU>:-Wshadow=local -Wno-maybe-uninitialized -Wno-missing-field-initializers>
  $<$<CXX_COMPILER_ID:Clang>:-Wshadow -Wno-missing-field-initializers>)
target_compile_definitions(observer_options INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION
  BOOST_BEAST_SEPARATE_COMPILATION
  BOOST_ASIO_NO_DEPRECATED)
if(OBSERVER_SANITIZE)
  # CAF's queues take their own sentinel for an element (task_queue.hpp, in
  # `promote`), which is what the check `vptr` finds and nobody reads.
  target_compile_options(observer_options INTERFACE
    -fsanitize=${OBSERVER_SANITIZE} -fno-sanitize=vptr
    -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  target_link_options(observer_options INTERFACE
    -fsanitize=${OBSERVER_SANITIZE})
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE}")
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()
