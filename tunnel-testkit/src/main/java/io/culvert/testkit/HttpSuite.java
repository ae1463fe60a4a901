package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.servlet.ServletHolder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/**
 * What the suites of HTTP behaviour share: a tunnel for each test, servlets that a test states as
 * lambdas before its first call, and an ordinary {@code OkHttpClient}.
 */
@Timeout(120)
public abstract class HttpSuite {

  /** What one path of the service does. */
  @FunctionalInterface
  protected interface Service {
    void handle(HttpServletRequest request, HttpServletResponse response) throws Exception;
  }

  /** For what a test does beside its own thread; every task must have ended when the test ends. */
  protected final ExecutorService threads =
      Executors.newCachedThreadPool(task -> new Thread(task, "http-suite"));

  protected final ServletContextHandler application =
      new ServletContextHandler("/", ServletContextHandler.SESSIONS);

  protected HttpTunnel tunnel;
  private OkHttpClient client;
  private boolean serving;

  /** A tunnel that serves nothing yet; the suite closes it. */
  protected abstract HttpTunnel connect() throws Exception;

  @BeforeEach
  final void openTunnel() throws Exception {
    tunnel = connect();
    OkHttpClient.Builder builder =
        new OkHttpClient.Builder()
            .addInterceptor(tunnel.interceptor())
            .readTimeout(Duration.ofSeconds(60))
            .writeTimeout(Duration.ofSeconds(60));
    client = builder.build();
    client.dispatcher().setMaxRequests(1000);
    client.dispatcher().setMaxRequestsPerHost(1000);
  }

  @AfterEach
  final void closeTunnel() throws Exception {
    tunnel.close();
    client.dispatcher().executorService().shutdownNow();
    threads.shutdownNow();
    assertTrue(threads.awaitTermination(30, TimeUnit.SECONDS), "a thread of the test still runs");
  }

  /** Adds a path pattern to the application; before the first call only. */
  protected final void serve(String pattern, Service service) {
    ServletHolder holder = new ServletHolder(new LambdaServlet(service));
    holder.setAsyncSupported(true);
    application.addServlet(holder, pattern);
  }

  /** The client, with the application served from now on. */
  protected final OkHttpClient client() throws Exception {
    if (!serving) {
      serving = true;
      tunnel.serve(application);
    }
    return client;
  }

  protected static Request.Builder request(String path) {
    return new Request.Builder().url("http://service.test" + path);
  }

  protected final Response get(String path) throws Exception {
    return client().newCall(request(path).build()).execute();
  }

  protected static String text(Response response) throws IOException {
    try (response) {
      return response.body().string();
    }
  }

  /** Waits until something becomes true that nobody announces; the timeout of the test ends it. */
  protected static void await(Callable<Boolean> condition) throws Exception {
    while (!condition.call()) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  private static final class LambdaServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    private final transient Service service;

    LambdaServlet(Service service) {
      this.service = service;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      try {
        service.handle(request, response);
      } catch (IOException | RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
