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

# Most of a build from scratch goes into the same headers and templates, read
# and made anew for each source. With OBSERVER_UNITY the compiler takes some
# sources of a library as one: quickest from scratch. Without, headers are
# precompiled: quickest after a change.

# compile_together(TARGET COUNT [APART SOURCE...]): so many of TARGET's sources
# at a time. APART are those whose names in anonymous namespaces others have too.
function(compile_together target count)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "APART")
  set_target_properties(${target} PROPERTIES
    UNITY_BUILD ${OBSERVER_UNITY} UNITY_BUILD_BATCH_SIZE ${count})
  set_source_files_properties(${arg_APART} PROPERTIES
    SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()

# precompile(TARGET HEADER...), unless the sources are compiled together.
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
