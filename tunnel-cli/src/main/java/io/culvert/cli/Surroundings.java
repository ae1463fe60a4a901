package io.culvert.cli;

import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.Map;
import java.util.Optional;

/**
 * What a command takes from its process, so that a test can give it another.
 *
 * @param environment the environment's variables
 * @param out standard output
 * @param err standard error
 * @param terminal what a person sees and types into; empty if there is none
 */
record Surroundings(
    Map<String, String> environment,
    PrintWriter out,
    PrintWriter err,
    Optional<Terminal> terminal) {

  /** Those of this process. */
  static Surroundings ofProcess() {
    return new Surroundings(
        System.getenv(),
        new PrintWriter(System.out, true, Charset.defaultCharset()),
        new PrintWriter(System.err, true, Charset.defaultCharset()),
        Terminal.ofProcess());
  }
}
