// Asio's and Beast's own functions, compiled once: see
// BOOST_ASIO_SEPARATE_COMPILATION in tools/cmake/ObserverCompiler.cmake.
#include <boost/asio/impl/src.hpp>

// Beast 1.81 asserts in parse_chunk_header that at least two bytes come behind
// the last chunk's line at a time; a client may well send them one by one.
#define BOOST_DISABLE_ASSERTS
#include <boost/assert.hpp>
#include <boost/beast/src.hpp>
