package io.culvert.testkit.swaggersocket;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;

/** A {@link SwaggerService} as a servlet. Its responses are plain text in UTF-8 by their type. */
public final class ServiceServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;

  private final transient SwaggerService service;

  public ServiceServlet(SwaggerService service) {
    this.service = service;
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws ServletException, IOException {
    try {
      service.serve(new ServletExchange(request, response));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServletException("interrupted", e);
    }
  }

  private static final class ServletExchange implements SwaggerService.Exchange {
    private final HttpServletRequest request;
    private final HttpServletResponse response;

    ServletExchange(HttpServletRequest request, HttpServletResponse response) {
      this.request = request;
      this.response = response;
    }

    @Override
    public String path() {
      return request.getRequestURI();
    }

    @Override
    public String body() throws IOException {
      return WireText.of(request.getInputStream().readAllBytes());
    }

    @Override
    public void status(int code) {
      response.setStatus(code);
    }

    @Override
    public void header(String name, String value) {
      response.addHeader(name, value);
    }

    @Override
    public void trailer(String name, String value) {
      response.setHeader("Trailer", name);
      response.setTrailerFields(() -> Map.of(name, value));
    }

    @Override
    public void write(String text) throws IOException {
      if (!response.isCommitted()) {
        response.setContentType("text/plain; charset=utf-8");
      }
      response.getOutputStream().write(WireText.bytes(text));
    }

    @Override
    public void flush() throws IOException {
      response.flushBuffer();
    }
  }
}
