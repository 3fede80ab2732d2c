// Asio's and Beast's own functions, compiled once: see
// BOOST_ASIO_SEPARATE_COMPILATION in tools/cmake/ObserverCompiler.cmake.
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
