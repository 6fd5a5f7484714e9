//! Text to [`syntax`](super::syntax): the only file that names the parser.
//!
//! Hostile nesting is refused before anything recurses: a first pass over the tokens gives an upper bound for the depth
//! of the tree, and a file beyond [`DEEPEST`] is a syntax error, as it is to Python itself.

mod expression;

use std::collections::HashSet;
use std::rc::Rc;

use ruff_python_ast as ast;
use ruff_python_ast::token::TokenKind;
use ruff_python_parser::lexer::lex;
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};
use ruff_text_size::{Ranged, TextRange};

use super::conflict::conflict;
use super::source::{Source, Span};
use super::stack::with_room;
use super::syntax::*;
use expression::operator;

/// What is wrong with a file that does not parse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    pub message: String,
    pub span: Span,
}

/// The greatest depth of a tree that is looked at. People's files stay below a hundred, but for sums of many texts.
const DEEPEST: usize = 1_500;

/// A larger file holds no settings and no migration.
const LONGEST: usize = 4_000_000;

/// The statements of a file.
pub fn parse(source: &Source) -> Result<Block, SyntaxError> {
    parsed(source.text()).map_err(|error| match conflict(source.text()) {
        Some((span, message)) => SyntaxError { message, span },
        None => error,
    })
}

fn parsed(text: &str) -> Result<Block, SyntaxError> {
    if text.len() > LONGEST {
        let message = format!("too much to follow: the file is larger than {LONGEST} bytes");
        return Err(SyntaxError { message, span: Span::default() });
    }
    refuse_deep(text)?;
    with_room(|| {
        let options = ParseOptions::from(Mode::Module).with_target_version(ast::PythonVersion::PY315);
        let parsed = parse_unchecked(text, options);
        if let Some(error) = parsed.errors().first() {
            let message = error.error.to_string();
            let message = message.strip_prefix("SyntaxError: ").unwrap_or(&message);
            return Err(SyntaxError { message: lower_first(message), span: span(error.location) });
        }
        let mut reader = Reader { names: HashSet::new() };
        match parsed.into_syntax() {
            ast::Mod::Module(module) => Ok(reader.block(&module.body)),
            ast::Mod::Expression(_) => Ok(Rc::new([])),
        }
    })
}

fn lower_first(message: &str) -> String {
    let mut characters = message.chars();
    let first = characters.next().map(|first| first.to_lowercase().to_string()).unwrap_or_default();
    first + characters.as_str()
}

/// An upper bound for the depth of the tree: brackets, blocks and f-strings that are open, and within each the
/// operators since the last comma or line.
fn refuse_deep(text: &str) -> Result<(), SyntaxError> {
    let mut lexer = lex(text, Mode::Module);
    let mut open: Vec<usize> = Vec::new();
    let mut here = 0;
    // What all open brackets, and the operators before them, come to.
    let mut around = 0;
    loop {
        let kind = lexer.next_token();
        match kind {
            TokenKind::EndOfFile => return Ok(()),
            TokenKind::Lpar
            | TokenKind::Lsqb
            | TokenKind::Lbrace
            | TokenKind::Indent
            | TokenKind::FStringStart
            | TokenKind::TStringStart => {
                open.push(here);
                around += here + 1;
                here = 0;
            }
            TokenKind::Rpar
            | TokenKind::Rsqb
            | TokenKind::Rbrace
            | TokenKind::Dedent
            | TokenKind::FStringEnd
            | TokenKind::TStringEnd => {
                let before = open.pop().unwrap_or_default();
                around -= (before + 1).min(around);
                here = if kind == TokenKind::Dedent { 0 } else { before + 1 };
            }
            TokenKind::Comma | TokenKind::Newline | TokenKind::Semi => here = 0,
            TokenKind::Name
            | TokenKind::Int
            | TokenKind::Float
            | TokenKind::Complex
            | TokenKind::String
            | TokenKind::Comment
            | TokenKind::NonLogicalNewline
            | TokenKind::FStringMiddle
            | TokenKind::TStringMiddle => {}
            _ => here += 1,
        }
        if around + here > DEEPEST {
            let message = "too much to follow: the file is nested too deeply".to_owned();
            return Err(SyntaxError { message, span: Span::default() });
        }
    }
}

fn span(range: TextRange) -> Span {
    Span { start: range.start().to_u32(), end: range.end().to_u32() }
}

struct Reader {
    /// A name that stands a thousand times in a file is kept once.
    names: HashSet<Rc<str>>,
}

impl Reader {
    fn name(&mut self, name: &str) -> Rc<str> {
        if let Some(known) = self.names.get(name) {
            return known.clone();
        }
        let name: Rc<str> = name.into();
        self.names.insert(name.clone());
        name
    }

    fn block(&mut self, statements: &[ast::Stmt]) -> Block {
        statements.iter().map(|statement| self.statement(statement)).collect()
    }

    fn statement(&mut self, statement: &ast::Stmt) -> Statement {
        let kind = with_room(|| self.statement_kind(statement));
        Statement { kind, span: span(statement.range()) }
    }

    fn statement_kind(&mut self, statement: &ast::Stmt) -> StatementKind {
        use ast::Stmt;
        match statement {
            Stmt::FunctionDef(function) => StatementKind::Function(Rc::new(self.function(function))),
            Stmt::ClassDef(class) => {
                let definition = ClassDefinition {
                    name: self.name(&class.name),
                    decorators: self.decorators(&class.decorator_list),
                    arguments: class
                        .arguments
                        .as_ref()
                        .map(|given| self.arguments(given))
                        .unwrap_or_default(),
                    body: self.block(&class.body),
                    span: span(class.name.range()),
                };
                StatementKind::Class(Rc::new(definition))
            }
            Stmt::Return(given) => StatementKind::Return(self.optional(given.value.as_deref())),
            Stmt::Delete(given) => StatementKind::Delete(self.expressions(&given.targets)),
            Stmt::TypeAlias(given) => StatementKind::Assign {
                targets: vec![self.expression(&given.name)],
                value: self.other(given.range, "a type alias"),
            },
            Stmt::Assign(given) => StatementKind::Assign {
                targets: self.expressions(&given.targets),
                value: self.expression(&given.value),
            },
            Stmt::AugAssign(given) => StatementKind::Augment {
                target: self.expression(&given.target),
                operator: operator(given.op),
                value: self.expression(&given.value),
            },
            Stmt::AnnAssign(given) => match &given.value {
                Some(value) => StatementKind::Assign {
                    targets: vec![self.expression(&given.target)],
                    value: self.expression(value),
                },
                None => StatementKind::Pass,
            },
            Stmt::For(given) => StatementKind::For {
                target: self.expression(&given.target),
                iterable: self.expression(&given.iter),
                body: self.block(&given.body),
                otherwise: self.block(&given.orelse),
                asynchronous: given.is_async,
            },
            Stmt::While(given) => StatementKind::While {
                condition: self.expression(&given.test),
                body: self.block(&given.body),
                otherwise: self.block(&given.orelse),
            },
            Stmt::If(given) => {
                let mut branches = vec![(Some(self.expression(&given.test)), self.block(&given.body))];
                for clause in &given.elif_else_clauses {
                    branches.push((self.optional(clause.test.as_ref()), self.block(&clause.body)));
                }
                StatementKind::If(branches)
            }
            Stmt::With(given) => {
                let items = given.items.iter().map(|item| {
                    let target = self.optional(item.optional_vars.as_deref());
                    (self.expression(&item.context_expr), target)
                });
                StatementKind::With {
                    items: items.collect(),
                    body: self.block(&given.body),
                    asynchronous: given.is_async,
                }
            }
            Stmt::Match(given) => {
                let cases = given.cases.iter().map(|case| Case {
                    pattern: self.pattern(&case.pattern),
                    guard: self.optional(case.guard.as_deref()),
                    body: self.block(&case.body),
                });
                let cases = cases.collect();
                StatementKind::Match { subject: self.expression(&given.subject), cases }
            }
            Stmt::Raise(given) => StatementKind::Raise { exception: self.optional(given.exc.as_deref()) },
            Stmt::Try(given) => {
                let handlers = given.handlers.iter().map(|handler| {
                    let ast::ExceptHandler::ExceptHandler(handler) = handler;
                    Handler {
                        exceptions: self.optional(handler.type_.as_deref()),
                        name: handler.name.as_ref().map(|name| self.name(name)),
                        body: self.block(&handler.body),
                        span: span(handler.range),
                    }
                });
                let handlers = handlers.collect();
                StatementKind::Try(Box::new(Try {
                    body: self.block(&given.body),
                    handlers,
                    otherwise: self.block(&given.orelse),
                    finally: self.block(&given.finalbody),
                    groups: given.is_star,
                }))
            }
            Stmt::Assert(given) => StatementKind::Assert { condition: self.expression(&given.test) },
            Stmt::Import(given) => StatementKind::Import(self.aliases(&given.names)),
            Stmt::ImportFrom(given) => StatementKind::ImportFrom {
                module: given.module.as_ref().map(|module| self.name(module)),
                level: given.level,
                names: self.aliases(&given.names),
            },
            Stmt::Global(given) => {
                StatementKind::Global(given.names.iter().map(|name| self.name(name)).collect())
            }
            Stmt::Nonlocal(given) => {
                StatementKind::Nonlocal(given.names.iter().map(|name| self.name(name)).collect())
            }
            Stmt::Expr(given) => StatementKind::Expression(self.expression(&given.value)),
            Stmt::Pass(_) => StatementKind::Pass,
            Stmt::Break(_) => StatementKind::Break,
            Stmt::Continue(_) => StatementKind::Continue,
            Stmt::IpyEscapeCommand(_) => StatementKind::Other("a command of IPython"),
        }
    }

    fn aliases(&mut self, aliases: &[ast::Alias]) -> Vec<Alias> {
        let alias = |alias: &ast::Alias| Alias {
            name: self.name(&alias.name),
            bound_to: alias.asname.as_ref().map(|name| self.name(name)),
            span: span(alias.range),
        };
        aliases.iter().map(alias).collect()
    }

    fn decorators(&mut self, decorators: &[ast::Decorator]) -> Vec<Expression> {
        decorators.iter().map(|decorator| self.expression(&decorator.expression)).collect()
    }

    fn function(&mut self, function: &ast::StmtFunctionDef) -> FunctionDefinition {
        let body = self.block(&function.body);
        FunctionDefinition {
            name: self.name(&function.name),
            decorators: self.decorators(&function.decorator_list),
            parameters: self.parameters(&function.parameters),
            generator: with_room(|| yields_in(&body)),
            body: Body::Block(body),
            asynchronous: function.is_async,
            span: span(function.name.range()),
        }
    }

    fn parameters(&mut self, parameters: &ast::Parameters) -> Parameters {
        let mut several = |given: &[ast::ParameterWithDefault]| -> Vec<Parameter> {
            let parameter = |given: &ast::ParameterWithDefault| Parameter {
                name: self.name(&given.parameter.name),
                default: self.optional(given.default.as_deref()),
            };
            given.iter().map(parameter).collect()
        };
        let positional_only = several(&parameters.posonlyargs);
        let positional = several(&parameters.args);
        let keyword_only = several(&parameters.kwonlyargs);
        Parameters {
            positional_only,
            positional,
            rest: parameters.vararg.as_ref().map(|given| self.name(&given.name)),
            keyword_only,
            keywords: parameters.kwarg.as_ref().map(|given| self.name(&given.name)),
        }
    }

    /// In the order in which they stand: Python works them out from the left.
    fn arguments(&mut self, arguments: &ast::Arguments) -> Vec<Argument> {
        let mut found: Vec<(u32, Argument)> = Vec::new();
        for given in &arguments.args {
            let start = given.range().start().to_u32();
            let argument = match given {
                ast::Expr::Starred(starred) => Argument::Star(self.expression(&starred.value)),
                other => Argument::Positional(self.expression(other)),
            };
            found.push((start, argument));
        }
        for keyword in &arguments.keywords {
            let value = self.expression(&keyword.value);
            let argument = match &keyword.arg {
                Some(name) => Argument::Keyword(self.name(name), value),
                None => Argument::Keywords(value),
            };
            found.push((keyword.range.start().to_u32(), argument));
        }
        found.sort_by_key(|(start, _)| *start);
        found.into_iter().map(|(_, argument)| argument).collect()
    }

    fn pattern(&mut self, pattern: &ast::Pattern) -> Pattern {
        let kind = with_room(|| self.pattern_kind(pattern));
        Pattern { kind, span: span(pattern.range()) }
    }

    fn pattern_kind(&mut self, pattern: &ast::Pattern) -> PatternKind {
        let mut several = |patterns: &[ast::Pattern]| -> Vec<Pattern> {
            patterns.iter().map(|pattern| self.pattern(pattern)).collect()
        };
        match pattern {
            ast::Pattern::MatchValue(given) => PatternKind::Value(self.expression(&given.value)),
            ast::Pattern::MatchSingleton(given) => PatternKind::Singleton(match given.value {
                ast::Singleton::None => None,
                ast::Singleton::True => Some(true),
                ast::Singleton::False => Some(false),
            }),
            ast::Pattern::MatchSequence(given) => PatternKind::Sequence(several(&given.patterns)),
            ast::Pattern::MatchMapping(given) => {
                let patterns = several(&given.patterns);
                let entries = given.keys.iter().map(|key| self.expression(key)).zip(patterns).collect();
                PatternKind::Mapping { entries, rest: given.rest.as_ref().map(|name| self.name(name)) }
            }
            ast::Pattern::MatchClass(_) => PatternKind::Class,
            ast::Pattern::MatchStar(given) => {
                PatternKind::Star(given.name.as_ref().map(|name| self.name(name)))
            }
            ast::Pattern::MatchAs(given) => PatternKind::As {
                pattern: given.pattern.as_ref().map(|pattern| Box::new(self.pattern(pattern))),
                name: given.name.as_ref().map(|name| self.name(name)),
            },
            ast::Pattern::MatchOr(given) => PatternKind::Or(several(&given.patterns)),
        }
    }
}
