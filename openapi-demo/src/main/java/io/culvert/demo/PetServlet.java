package io.culvert.demo;

import io.swagger.v3.oas.models.OpenAPI;
import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.MultipartConfig;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pet store of {@code openapi/petstore.yaml}, in memory. Each instance is a store of its own,
 * empty after {@link #init()}; {@link #destroy()} ends its event feeds. It needs async support for
 * the feed.
 *
 * <p>It must be mapped to a whole path prefix, such as {@code /*}. It starts no thread.
 */
@MultipartConfig
public final class PetServlet extends HttpServlet {
  private static final long serialVersionUID = 1;
  private static final Logger LOG = LoggerFactory.getLogger(PetServlet.class);

  private final transient Limits limits;
  private final transient String document;

  /** Null until {@link #init()}. */
  private transient Routes routes;

  /** Null until {@link #init()}. */
  private transient PetEvents events;

  /** A store with the default limits. */
  public PetServlet() {
    this(Limits.DEFAULT, PetDocument.text());
  }

  PetServlet(Limits limits, String document) {
    this.limits = limits;
    this.document = document;
  }

  /**
   * Parses the document and joins it with what this class can do.
   *
   * @throws ServletException if the document is not valid, or naming each operation that only one
   *     of the two has
   */
  @Override
  public void init() throws ServletException {
    try {
      OpenAPI api = PetDocument.parse(document);
      PetEvents feed = new PetEvents(limits);
      routes = Routes.of(api, handlers(api, feed, limits));
      events = feed;
    } catch (IllegalArgumentException e) {
      throw new ServletException(e.getMessage(), e);
    }
  }

  static Map<String, Handler> handlers(OpenAPI api, PetEvents events, Limits limits) {
    PetStore pets = new PetStore(limits, Clock.systemUTC(), events);
    OrderBook orders = new OrderBook(limits, Clock.systemUTC(), pets);
    Map<String, Handler> handlers = new HashMap<>();
    var petData = api.getComponents().getSchemas().get("PetData");
    handlers.putAll(new PetOperations(pets, events, petData).handlers());
    handlers.putAll(new PhotoOperations(pets).handlers());
    handlers.putAll(new OrderOperations(orders).handlers());
    handlers.putAll(new ServiceOperations(pets, events, api.getInfo()).handlers());
    return handlers;
  }

  @Override
  public void destroy() {
    if (events != null) {
      events.close();
    }
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException, ServletException {
    try {
      dispatch(request, response);
    } catch (ProblemException e) {
      send(request, response, e.problem());
    } catch (RuntimeException e) {
      LOG.error("{} {} failed", request.getMethod(), path(request), e);
      if (response.isCommitted()) {
        throw e;
      }
      send(request, response, Problem.refuse(500, "Failure", "The service failed.").problem());
    }
  }

  private void dispatch(HttpServletRequest request, HttpServletResponse response)
      throws IOException, ServletException {
    String path = path(request);
    List<Route> here = path.startsWith("/") ? routes.at(Route.segments(path)) : List.of();
    if (here.isEmpty()) {
      throw Problem.refuse(404, "Not found", "The document has no path " + path + ".");
    }
    // HEAD is GET without the body, which the container leaves out.
    String method = request.getMethod().equals("HEAD") ? "GET" : request.getMethod();
    for (Route route : here) {
      if (route.method().equals(method)) {
        var values = route.pathValues(Route.segments(path));
        Parameters parameters = Parameters.read(route, request, values);
        route.handler().handle(new Exchange(route, request, response, parameters, limits));
        return;
      }
    }
    refuseMethod(request, response, here);
  }

  private static void refuseMethod(
      HttpServletRequest request, HttpServletResponse response, List<Route> here) {
    TreeSet<String> allowed = new TreeSet<>(here.stream().map(Route::method).toList());
    if (allowed.contains("GET")) {
      allowed.add("HEAD");
    }
    allowed.add("OPTIONS");
    response.setHeader("Allow", String.join(", ", allowed));
    if (request.getMethod().equals("OPTIONS")) {
      response.setStatus(204);
    } else {
      throw Problem.refuse(
          405,
          "Method not allowed",
          path(request) + " takes " + String.join(", ", allowed) + ", not " + request.getMethod());
    }
  }

  private static void send(
      HttpServletRequest request, HttpServletResponse response, Problem problem)
      throws IOException {
    // Headers that said something about another body must not stay; Allow belongs to this one.
    String allow = response.getHeader("Allow");
    response.reset();
    if (allow != null) {
      response.setHeader("Allow", allow);
    }
    Exchange.sendJson(response, problem.status(), Problem.MEDIA_TYPE, problem.at(path(request)));
  }

  /** The path below the mapping of this servlet. */
  private static String path(HttpServletRequest request) {
    return request.getPathInfo() != null ? request.getPathInfo() : request.getServletPath();
  }
}
