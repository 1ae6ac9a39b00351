mod answers;
mod hostile;
mod model;
mod rounds;
mod taught;
