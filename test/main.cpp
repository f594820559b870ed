// Runs the tests of one module without the configuration of the person who runs them.
#include <cstdlib>

#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

int main(int argc, char** argv) {
    setenv("YAGURA_CONFIG", "", 1);
    return doctest::Context(argc, argv).run();
}
