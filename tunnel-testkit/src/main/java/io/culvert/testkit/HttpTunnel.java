package io.culvert.testkit;

import okhttp3.Interceptor;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;

/** A connection as the suites of HTTP behaviour need it: one side calls, the other serves. */
public interface HttpTunnel extends AutoCloseable {

  /** Sends the calls of a client through the connection; always the same object. */
  Interceptor interceptor();

  /** Serves the application, which is not started yet, on the other side; called once. */
  void serve(ServletContextHandler application) throws Exception;

  /** Streams of which either side still holds something, pooled ones included. */
  int openStreams();

  @Override
  void close();
}
