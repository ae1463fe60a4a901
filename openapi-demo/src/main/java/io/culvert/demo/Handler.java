package io.culvert.demo;

import jakarta.servlet.ServletException;
import java.io.IOException;

/** Carries out one operation of the document. */
@FunctionalInterface
interface Handler {
  /**
   * Answers the request, whose parameters have been checked.
   *
   * @throws ProblemException to refuse it
   */
  void handle(Exchange exchange) throws IOException, ServletException;
}
