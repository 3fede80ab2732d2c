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

# Much of a build from scratch is the same headers and templates, read and made
# anew for each source. With OBSERVER_UNITY the compiler takes the sources of a
# group as one: quickest from scratch. Without, headers are precompiled: quickest
# after a change. Names in anonymous namespaces must differ within a group.

# compile_together(TARGET SOURCE...): a group of TARGET's sources.
function(compile_together target)
  if(OBSERVER_UNITY)
    cmake_path(GET ARGV1 STEM group)
    set_target_properties(${target} PROPERTIES
      UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
    set_source_files_properties(${ARGN} PROPERTIES UNITY_GROUP ${group})
  endif()
endfunction()

# precompile(TARGET HEADER...)
function(precompile target)
  if(NOT OBSERVER_UNITY)
    target_precompile_headers(${target} PRIVATE ${ARGN})
  endif()
endfunction()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE}")
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()
