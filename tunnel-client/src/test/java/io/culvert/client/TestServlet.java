package io.culvert.client;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;

/** A servlet as a lambda. */
final class TestServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;

  /** What it does with a request. */
  interface Action {
    void serve(HttpServletRequest request, HttpServletResponse response) throws Exception;
  }

  @SuppressWarnings("serial") // never serialised
  private final Action action;

  TestServlet(Action action) {
    this.action = action;
  }

  /** Answers every request with this text. */
  static TestServlet saying(String text) {
    return new TestServlet((request, response) -> response.getWriter().print(text));
  }

  /** Says when a request has come, and answers once it may. */
  static TestServlet gate(CountDownLatch entered, CountDownLatch mayAnswer, String text) {
    return new TestServlet(
        (request, response) -> {
          entered.countDown();
          mayAnswer.await();
          response.getWriter().print(text);
        });
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws ServletException, IOException {
    try {
      action.serve(request, response);
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new ServletException(e);
    }
  }
}
