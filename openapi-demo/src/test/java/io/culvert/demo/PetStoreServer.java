package io.culvert.demo;

import io.culvert.demo.client.ApiClient;
import io.culvert.demo.client.ApiException;
import io.culvert.demo.client.api.OrderApi;
import io.culvert.demo.client.api.PetApi;
import io.culvert.demo.client.api.ServiceApi;
import io.culvert.demo.client.model.PetData;
import io.culvert.demo.client.model.Problem;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.function.Executable;

/** The servlet on a plain Jetty, and the generated client that talks to it. */
final class PetStoreServer implements AutoCloseable {
  final PetServlet servlet;
  final OkHttpClient http;
  final PetApi pets;
  final OrderApi orders;
  final ServiceApi service;
  private final Server server;
  private final ServerConnector connector;

  PetStoreServer() throws Exception {
    this(Limits.DEFAULT);
  }

  PetStoreServer(Limits limits) throws Exception {
    servlet = new PetServlet(limits, PetDocument.text());
    QueuedThreadPool threads = new QueuedThreadPool(16);
    threads.setName("pet-store-test");
    server = new Server(threads);
    connector = new ServerConnector(server, 1, 1);
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    ServletContextHandler context = new ServletContextHandler("/");
    context.addServlet(new ServletHolder(servlet), "/*");
    server.setHandler(context);
    server.start();
    http = new OkHttpClient.Builder().readTimeout(30, TimeUnit.SECONDS).build();
    ApiClient client = new ApiClient(http).setBasePath(url(""));
    pets = new PetApi(client);
    orders = new OrderApi(client);
    service = new ServiceApi(client);
  }

  String url(String path) {
    return "http://127.0.0.1:" + port() + path;
  }

  int port() {
    return connector.getLocalPort();
  }

  Response send(Request.Builder request) throws IOException {
    return http.newCall(request.build()).execute();
  }

  Response send(String path, Request.Builder request) throws IOException {
    return send(request.url(url(path)));
  }

  static PetData pet(String name) {
    return new PetData().name(name).species("cat");
  }

  /** The problem that the call of the generated client ends with. */
  static Problem problem(int status, Executable call) throws IOException {
    ApiException failure = Assertions.assertThrows(ApiException.class, call);
    Assertions.assertEquals(status, failure.getCode(), failure.getMessage());
    Assertions.assertEquals(
        "application/problem+json", failure.getResponseHeaders().get("content-type").get(0));
    return checked(status, Problem.fromJson(failure.getResponseBody()));
  }

  /** The problem in a response, which this closes. */
  static Problem problem(int status, Response response) throws IOException {
    try (response) {
      String body = response.body().string();
      Assertions.assertEquals(status, response.code(), body);
      Assertions.assertEquals("application/problem+json", response.header("Content-Type"));
      return checked(status, Problem.fromJson(body));
    }
  }

  private static Problem checked(int status, Problem problem) {
    Assertions.assertEquals(status, problem.getStatus());
    return problem;
  }

  @Override
  public void close() {
    http.connectionPool().evictAll();
    http.dispatcher().executorService().shutdown();
    LifeCycle.stop(server);
  }
}
